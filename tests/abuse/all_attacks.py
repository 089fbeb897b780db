"""Every attack, in the order in which `make abuse` does them."""

from tests.abuse.attack import Attack
from tests.abuse.connection_attacks import (
    never_ending_requests,
    odd_websocket_messages,
    silent_websockets,
)
from tests.abuse.graph_attacks import odd_requests, odd_tokens, odd_variables
from tests.abuse.intake_attacks import bursts_of_one_meter, odd_bodies, odd_messages
from tests.abuse.service_attacks import forged_page_tokens, values_out_of_range

ATTACKS = (
    Attack("bodies", odd_bodies),
    Attack("messages", odd_messages),
    Attack("bursts", bursts_of_one_meter),
    Attack("page-tokens", forged_page_tokens),
    Attack("values", values_out_of_range),
    Attack("variables", odd_variables),
    Attack("requests", odd_requests),
    Attack("tokens", odd_tokens),
    Attack("websockets", silent_websockets),
    Attack("websocket-messages", odd_websocket_messages),
    Attack("half-requests", never_ending_requests),
)
