"""File formats that datasets are saved in and read from with their codebook."""
