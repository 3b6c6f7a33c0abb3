"""The whole service as one app: the layers, the endpoints and the pages, put together."""
