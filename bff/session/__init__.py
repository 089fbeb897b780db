"""The page's side of the bff: login, session, and the forwarding of requests to the router.

Comes in: requests of browsers (`login_doors`, `page`), with a cookie that is a random number; the provider's statement
about the user who logged in (`provider`, `id_token`).
Goes out: a session cookie and a CSRF token; requests to the router with the session's own access token (`forwarding`).
Must never be done here: let a token of any kind into an answer, a cookie, an address or a log line; trust an
Authorization header that a browser sends; redirect to an address that is not a path of the page; keep anything without
a limit (`store`, `forwarding`).
"""
