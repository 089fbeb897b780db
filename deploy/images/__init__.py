"""Container images: one of the Python services and the command, one of the router and the page.

In: this checkout's committed files, its lock files, programs of the runtime. Out: two images in the engine's store, and
an archive of each in `dist/images`, with its size and its bill of materials. Never: a push, a secret in an image, a
compiler or a shell in the end.
"""
