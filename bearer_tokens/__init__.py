"""OAuth bearer tokens between services: checking them at a door, and carrying one as a caller.

Comes in: a call with a token (`access`, `token_check`, `signing_keys`); a call to be made (`service_token`,
`token_calls`, `token_endpoint`), and the denials of a peer (`admission`);
a token whose claims are only shown (`claims`).
Goes out: the caller with roles and networks (`service_chassis.caller`), or a denial with its reason; calls that carry
a valid token.
Must never be done here: know what a method does or which role it needs (each service has its own table); log, print or
store a token; call the issuer for each call.
"""
