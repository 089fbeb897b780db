"""Finds secrets in a text that need not be XML: by names, in elements and in assignments.

In comes a text; out go places. Never here: keeping a secret, or showing one.
"""
