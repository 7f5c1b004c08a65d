"""The warp dresser: a classical try-on for the CPU. Use `WarpDresser`.

dresser.py runs these steps; memory.py keeps what was worked out for a garment or a person for the next job.

Of a garment:
1. find_marks.py: its landmarks (marks.py), by top_marks.py with neckline.py, or by bottom_marks.py.
2. pieces.py, `cut`: its parts, without the backdrop that the cut-out took along (gaps.py).

Of a person:
3. figure.py: the joints; joints.py moves them to where the labels show them; proportions.py measures how wide and thick
   this body is.
4. skin.py and backdrop.py: the skin's colour, and the wall behind the person.

Of a garment on a person (scene.py), in compose.py:
5. pieces.py, `warp_all`: each part warped (warps.py) to where it belongs on this body, from the body that the garment
   was cut for (mannequin.py): tops_on.py or bottoms_on.py, by placing.py.
6. beneath.py: the person without the old garment. unshaded.py takes its shadow off the legs, gone.py (with remnants.py)
   tells what is painted anew, bare.py paints arms, legs and trunk, carry.py the garment that stays, and tone.py gives
   the painted skin the tone of the real one.
7. compose.py: shadow, sleeves, front, and then what belongs in front of them.

arrays.py has the array types and mask helpers of them all.
"""

from tryon.engines.warp.dresser import WarpDresser

__all__ = ["WarpDresser"]
