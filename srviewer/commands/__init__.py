"""The commands of the command line, a module each: flags, then a call of the lower floors."""
