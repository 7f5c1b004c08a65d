"""What makes a face somebody's own. No numba here."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class FaceShape:
    """Factors around 1 (0.85 to 1.2 look natural) of an adult's average face.

    width: of the whole face; jaw: of its lower corners; chin: width and reach; nose: width of the wings;
    nose_length; eye_gap: distance between the eyes; eye_size; lips: fullness; brow: thickness of the brows.
    """

    width: float = 1.0
    jaw: float = 1.0
    chin: float = 1.0
    nose: float = 1.0
    nose_length: float = 1.0
    eye_gap: float = 1.0
    eye_size: float = 1.0
    lips: float = 1.0
    brow: float = 1.0

    def values(self) -> tuple[float, ...]:
        """The factors in the order of studio.layout, from FACE_WIDTH to BROW."""
        return astuple(self)
