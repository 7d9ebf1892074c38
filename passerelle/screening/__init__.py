"""Questions, answers, needs, facts and grading rules. Pure; the data is YAML."""
