"""Many answers to one prompt, as a distribution: how they are asked for, counted, followed token by token and shown."""
