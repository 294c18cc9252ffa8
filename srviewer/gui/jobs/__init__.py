"""Work in threads of its own: one kind of job, on one kind of runner. It knows no widget."""
