"""The backtest: what each cadence of retraining would have given, rolling through time."""
