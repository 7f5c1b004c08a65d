"""How good the sample engines are, measured on renders of people and garments that they never saw.

`bench.evaluate.measure.measure` is the door; docs/evaluation.md says what each figure means.
"""
