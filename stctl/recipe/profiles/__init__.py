"""How the SDKs differ, as values."""
