"""The kernels of our own: each .cu file is CUDA C++, and the .py file of the same name launches it.

Each is an algorithm like those in gpu/ itself, with the same functions; gpu/algorithms.py says which one is for what.
"""
