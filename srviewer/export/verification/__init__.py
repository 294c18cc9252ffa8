"""What is written, read back: checked pair by pair, or made again and compared."""
