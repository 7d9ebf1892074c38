"""What every room stands on: configuration, clock, ids, database, crypto, phone, text, language, log, errors."""
