"""What the program can do: functions that take a Session, never commit and never touch the network."""
