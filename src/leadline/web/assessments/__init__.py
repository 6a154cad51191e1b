"""The cache of the engine's answers: assessments, spells, stage moves; how they come about."""
