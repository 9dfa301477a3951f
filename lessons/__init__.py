"""Lessons with live code: marimo notebooks over the library, so that what is taught is what is tested.

notebooks/    the lessons themselves, plain .py files that marimo opens and Python runs
exercises/    of each lesson: what tells a right answer from a wrong one, and the solutions
catalogue.py  which lessons there are
boards.py curves.py pictures.py pieces.py    what the lessons show
cells.py      a notebook taken apart
export.py     a lesson as a static page, without network
ipynb.py      a lesson for Jupyter and Colab, written into jupyter/; in_jupyter.py stands for marimo there, and
              install.py installs the project
__main__.py   the door: `python -m lessons`
"""
