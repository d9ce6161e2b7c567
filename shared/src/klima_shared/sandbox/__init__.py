"""Files of strangers are parsed in a process of their own, with limits of memory and time.

`pool` is the side of the service, `worker` the program that parses; between them goes plain data
(`wire`), checked on arrival. What runs in the worker imports nothing of the service: neither its
settings nor its connections are there.
"""
