"""The pictures of the docs: drawn from committed text, or recorded from a command that really ran.

In: `docs/pictures/*.dot`, and a command for the terminal. Out: SVG files in `docs/pictures`.
Never: a picture that was drawn by hand and cannot be made again.
"""
