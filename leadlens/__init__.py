"""The front door: the command line, where real parts are put together."""
