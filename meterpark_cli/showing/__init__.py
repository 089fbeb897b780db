"""What people and programs see: tables, words, times, documents.

Comes in: answers of the contracts and a moment. Goes out: text for a terminal, JSON for programs.
Must never be done here: asking a service; letting a byte that a meter sent reach the terminal unescaped.
"""
