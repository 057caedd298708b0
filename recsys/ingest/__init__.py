"""Ingest: from folders to rows of the catalogue, in parallel and resumable; every file becomes a track or a failure.

``scan``             find the files; none is opened
``worker``           process one file in a worker process; failures become data
``worker_process``   prepare a worker process
``executors``        the executor interface, and the bounded number of jobs in it
``process_pool``     worker processes on this machine
``dask_executor``    worker processes on a Dask cluster
``pipeline``         analyse new recordings, recognise known ones, store everything in batches
``throughput``       speed and remaining time
``watch``            ingest files as they change
``prune``            remove missing tracks
"""
