"""Where devices live is guessed from their answers, of a bounded number of them."""

from device_hub.actors.homes import Homes


def test_a_device_is_believed_to_live_where_its_last_answer_came_from() -> None:
    homes = Homes("here", most=10)
    homes.learn("north/SN-1", "there")
    homes.learn("north/SN-1", "elsewhere")
    assert homes.of("north/SN-1") == "elsewhere"
    assert homes.of("north/SN-2") is None


def test_what_is_forgotten_is_not_known() -> None:
    homes = Homes("here", most=10)
    homes.learn("north/SN-1", "there")
    homes.forget("north/SN-1")
    homes.forget("north/SN-1")
    assert homes.of("north/SN-1") is None
    assert len(homes) == 0


def test_the_device_that_was_asked_for_longest_ago_is_forgotten_first() -> None:
    homes = Homes("here", most=2)
    homes.learn("north/SN-1", "there")
    homes.learn("north/SN-2", "there")
    assert homes.of("north/SN-1") == "there"
    homes.learn("north/SN-3", "there")
    assert homes.of("north/SN-2") is None
    assert homes.of("north/SN-1") == homes.of("north/SN-3") == "there"


def test_neither_a_device_that_moved_here_nor_one_whose_hub_does_not_say_is_kept() -> None:
    for answer in ("here", ""):
        homes = Homes("here", most=2)
        homes.learn("north/SN-1", "there")
        homes.learn("north/SN-1", answer)
        assert homes.of("north/SN-1") is None
