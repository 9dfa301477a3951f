"""One command for a machine with a GPU: whether all is right there, the same in every run, and how fast.

`python3 run.py --here gpu-check --out DIR` needs no network and at most nine minutes. It writes DIR/gpu-check.json and
DIR/gpu-check.txt after every part, so that what was found is kept when it is cut.

    the door (__main__)                     no CUDA: what happens to a child cannot happen to it
      |-- a child for each part (child)     a kernel that leaves its arrays ends a process for good,
      |     |-- begin, record, end ...      so the next child goes on with the items that are left
      |-- document, text                    the results so far, as JSON and as a table

    environment   what runs here                 determinism   the same bits twice
    ceilings      copies and matrix products     suite         pytest on the device, in a process of its own
    agreement     device against emulator        sanitizer     compute-sanitizer on small shapes
                                                 contest       the times, beside torch's
"""
