"""OAuth bearer tokens between services: checking them at a door, and carrying one as a caller.

Comes in: a call with a token (`access`, `token_check`, `signing_keys`); or the wish to make one (`service_token`,
`token_calls`, `token_endpoint`), and what to do while a peer denies it (`admission`);
a token whose claims are only to be shown (`claims`).
Goes out: who calls, with which roles and networks (`service_chassis.caller`), or a denial with its reason; calls that
carry a token which is good now.
Must never be done here: know what a method does or which role it needs (each service has its own table); log, print or
store a token; ask the issuer about a single call.
"""
