"""The page, as people use it: real Chromium before the real stack."""
