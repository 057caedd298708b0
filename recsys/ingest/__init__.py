"""From a folder to rows: parallel, resumable, and no file left without a word.

``scan``       which files there are; none is opened
``worker``     what happens to one file in a worker process; failures become data
``process``    how a worker process is prepared
``executors``  the pool behind :class:`concurrent.futures.Executor`, and how it survives a crash
``pipeline``   what is new is listened to, what is known is recognised, everything is written in batches
"""
