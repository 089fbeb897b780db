"""What somebody does who wishes the doors ill, as functions that take an address: for tests and for `make abuse`."""
