"""Face restorers: networks in the key names of published files, and what finds, aligns and pastes faces."""
