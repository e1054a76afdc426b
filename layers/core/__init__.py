"""The vocabulary every layer is written in: specification, facts, rules, judgement, access."""
