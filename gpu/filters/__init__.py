"""Cross-correlation of images on the GPU, in three methods that give the same; scratch/images has the loops."""
