"""The pictures of the docs: drawn from committed text, or recorded from a command that really ran.

In: `docs/pictures/*.dot`, and a command for the terminal. Out: SVG files in `docs/pictures`.
Never: a picture that somebody drew by hand, so that nobody else can draw it again.
"""
