"""Where values come from: files, the environment, systemd credentials; and the document they merge into."""
