"""The appointments a customer has: shown from the vendor's record, moved and cancelled."""
