"""The words by which names of columns give away that they were filled in late, in four languages.

Small letters without accents, parted by commas. `*` is the rest of a word, `..` any words between.
"""

from __future__ import annotations

OUTCOME = """
won, win, wins, lost, loss, losing, close, closed, closing, closure, outcome, converted, conversion,
conversions, churn, churned, deal, deals, contract, contracts, contracted, signed, signature, invoice,
invoices, invoiced, paid, payment, payments, purchase, purchased, bought, spend, spent, order, orders,
ordered, bookings, booking value, arr, mrr, acv, tcv, sold, sale amount, sales amount, sale value, sales
value, sale price, sales price, sales won, customer since, customer id, customer no, customer number,
customer nr, client since, client id, became a customer, become a customer, became customer, became a
client, disposition, enrolled, enrolment, enrollment, subscribed, subscription start, subscription id,
onboarding, onboarded, activated at, duration, call length, call time, call minutes, call seconds, talk
time, talk minutes, length of call, length of calls, length of the call, opportunity amount, opportunity
stage, opportunity id, opportunity created, opportunity value, opportunity result, lifecycle stage,
lifecyclestage, renewal, refund, delivered, shipped,

gewonnen, verloren, verlust*, absage*, abschluss*, abgeschlossen, geschlossen, auftrag*, vertrag*,
rechnung*, bezahlt, gekauft, kauf, kaufdatum, kaufpreis, kaufwert, bestellt, bestellung*, bestellwert,
bestellnummer, bestelldatum, kunde seit, kundennummer, kundennr, dauer, gesprachsdauer, gespraechsdauer,
anrufdauer, telefonatdauer, unterschrieben, ergebnis, konvertiert,

gagne, gagnee, gagnes, perdu, perdue, perdus, perte, contrat*, signe, signee, facture*, commande*, paye,
payee, cloture*, ferme, fermee, duree, client depuis, numero client, numero de client, achete, achetee,
achat*, montant, resultat, converti, convertie,

ganado, ganada, perdido, perdida, contrato*, firmado, firmada, firma, factura*, pedido*, pagado, pagada,
pago, cerrado, cerrada, cierre, duracion, cliente desde, numero de cliente, comprado, comprada, compra,
importe, resultado, convertido, convertida
"""
"""Words of the outcome itself, and of what is known only once a lead was worked or won."""

LATER = """
tag, tags, quality, stage, stages, status, substatus, state of lead, state of the lead, score, scores,
scored, scoring, index, grade, rating, ratings, rank, priority, temperature, profile, notable,
last .. activity, last .. action, last .. contact, last .. contacted, last .. touch, last .. modified, last
.. update, last .. updated, last .. seen, last .. login, last .. session, last .. visit, last .. call, last
.. email, last .. meeting, latest .. activity, latest .. action, modified, updated, updated at, next step,
next action, next call, follow up, follow ups, followup, owner, assigned, assignee, account manager, sales
rep, salesrep, sales person, salesperson, salesman, closer, reason, note, notes, comment, comments, remark,
remarks, feedback, sentiment, number of .. calls, number of .. contacts, number of .. meetings, number of ..
emails sent, number of .. activities, number of .. touches, no of calls, num calls, calls count, call count,
calls made, contact count, contact attempts, call attempts, attempts, times contacted, meetings held,
qualified, qualification, sql, sal, opportunity, pipeline, probability, forecast, revenue, amount, value,
proposal, quote, negotiation, discount,

phase, bewertung, qualitat, qualitaet, stufe, letzte aktivitat, letzte aktivitaet, letzter kontakt, letzter
anruf, letzte anderung, letzte aenderung, zustandig, zustaendig, bearbeiter, besitzer, betreuer, grund,
notiz, notizen, bemerkung, bemerkungen, kommentar, kommentare, umsatz*, betrag, wert, angebot, angebotswert,
geandert, geaendert, schlagwort, schlagworter, schlagwoerter, wahrscheinlichkeit,

statut, etape, qualite, etiquette, etiquettes, derniere activite, derniere action, dernier contact, dernier
appel, proprietaire, attribue, motif, commentaire, commentaires, remarque, remarques, devis, valeur,
modifie,

etapa, fase, calidad, etiqueta, etiquetas, ultima actividad, ultima llamada, ultimo contacto, ultima accion,
propietario, asignado, asignada, motivo, comentario, comentarios, nota, notas, observaciones, ingresos,
valor, presupuesto, puntuacion, modificado, modificada, actualizado, actualizada
"""
"""Words of judgements, statuses and work that are usual after qualification, and innocent now and then."""

INNOCENT = """
annual revenue, annual value, yearly revenue, company revenue, company value, monthly revenue, estimated
revenue, jahresumsatz, chiffre d affaires, marital status, civil status, employment status, family status,
student status, residence status, session duration, session time, visit duration, visit time, website
duration, page duration, video duration, video length, webinar duration, trial duration, site duration, time
spent, credit score, credit rating, job grade, job profile, page views, page visit, page visits, previous ..
orders, previous .. purchases, previous .. outcome, previous .. contracts, previous .. deals, past ..
purchases, prior .. purchases, sign up, signed up, paid search, paid social, paid ad, paid ads, paid media,
paid traffic, paid channel, paid campaign, newsletter subscribed, subscribed to, linkedin profile, social
profile, facebook profile, twitter profile, github profile, public profile, funding stage, company stage,
growth stage, startup stage, life stage, home owner, business owner, house owner, pet owner, car owner,
owner region, reason for inquiry, reason for your inquiry, reason for enquiry, reason for visit, reason of
visit, reason for contact, reason for interest, loan amount, credit amount, requested amount, amount
requested
"""
"""What a company or a person is, and what it does on its own, in words that sound like the others."""
