"""The engine as a child process: found, started, spoken to, replaced where it ends."""
