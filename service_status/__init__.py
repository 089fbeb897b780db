"""What a service knows of its own progress: per hop what waits, since when, what was done last, what is in the way.

Comes in: what the parts of a service note while they work (a hop each), and denials that `bearer_tokens` meets.
Goes out: facts, as ``StatusService.GetStatus`` answers them. All of it is in memory and bounded.
Must never be done here: deciding what is a standstill (the reader does), ending a process, knowing a domain word.
"""
