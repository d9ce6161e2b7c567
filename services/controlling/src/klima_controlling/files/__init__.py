"""Reports as files: CSV, JSON, PDF. Each is written from the frozen content alone and is the same
every time."""
