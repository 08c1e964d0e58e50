"""The database, the search and the files. SQL that only one engine knows stands here and nowhere else."""
