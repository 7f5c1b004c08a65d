"""How numbers are laid out in the arrays that the renderer's kernels read. No numba here.

A layer is one closed skin around torso, arms and legs: a parameter vector [PARAMETERS] and tables [5, TABLE].
The body is a layer, and so is every garment.
"""

from __future__ import annotations

# Samples of every profile and radius table; 64 shows banding on the torso.
TABLE = 256

# Which parts the layer has (0 or 1).
TORSO, ARMS, LEGS = 0, 1, 2
# Range of y of the torso tables, and the cuts above and below, all in metres.
TABLE_LOW, TABLE_HIGH, CUT_TOP, CUT_BOTTOM = 3, 4, 5, 6
# Sleeve end as a fraction of the arm (2: the whole arm); half width of a sleeveless one (0: not).
SLEEVE_END, STRAP_X = 7, 8
# Neckline: half width (0: closed), drop at the front, height at the back, depth and half width of a V.
NECK_X, NECK_DROP, NECK_Y, VEE_DEPTH, VEE_X = 9, 10, 11, 12, 13
# Flutes of a skirt: how many, how deep (fraction of the radius), below which y.
FLUTES, FLUTE_DEPTH, FLUTE_Y = 14, 15, 16
# Hollow garment without a body (0 or 1); strength of the folds; blend at the armpit (m).
HOLLOW, FOLDS, ARMPIT = 17, 18, 19
# Ribbed bands at the neck and at hem and cuffs, in metres (0: none).
COLLAR_BAND, HEM_BAND = 20, 21
# Seed of the folds; how full the cloth falls below chest or waist (0 to 1); pleats around a skirt (0: none);
# pressed crease of trousers (0 or 1); how much lower the hem is in front than at the sides (m).
SEED, FULLNESS, PLEATS, CREASE, HEM_CURVE = 22, 23, 24, 25, 26
# Collar (a COLLAR kind), placket down to this y (9: none), kind of pockets, waistband (m), cloth kind.
COLLAR, PLACKET, POCKETS, WAISTBAND, CLOTH_KIND = 27, 28, 29, 30, 31
# Front opening over an inner top: half widths at the neck and at the hem, y of the button, width of the lapel.
OPEN_TOP, OPEN_LOW, BUTTON_Y, LAPEL = 32, 33, 34, 35
# Sleeves hang below the arm by this much (m); distance of the hem's stitches from its edge (0: none).
SAG, STITCH = 36, 37
PARAMETERS = 38

NO_COLLAR, SHIRT_COLLAR, HOOD = 0, 1, 2
NO_POCKETS, CHEST_POCKET, KANGAROO, FLAPS, JEANS, SLANTED = 0, 1, 2, 3, 4, 5
JERSEY, WOVEN, KNIT = 0, 1, 2

# Rows of a layer's tables: torso half width, half depth and centre z over y; radius along arms and legs.
WIDTH, DEPTH, CENTRE, ARM_RADIUS, LEG_RADIUS = 0, 1, 2, 3, 4

# Rows of the joints [4, 3, 3], each root, bend, end. Left is the person's left, +x.
LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG = 0, 1, 2, 3

# Figure vector: head centre and scale, hair style, scale of hands and shoes, height of chest line and person.
HEAD_X, HEAD_Y, HEAD_Z, HEAD_SCALE, HAIR_STYLE, LIMB_SCALE, CHEST_Y, HEIGHT = 0, 1, 2, 3, 4, 5, 6, 7
# Length of long hair (m on the studio's head), beard (0: none to 1: full), style of the shoes.
HAIR_LENGTH, BEARD, SHOE_STYLE = 8, 9, 10
# The face: factors around 1 and age in years, see studio.features.FaceShape.
FACE_WIDTH, JAW, CHIN, NOSE, NOSE_LENGTH, EYE_GAP, EYE_SIZE, LIPS, BROW, AGE = (
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
)
# Rotation of the head [3, 3], rows of the head's own axes; frames of the left and the right hand [3, 3].
HEAD_TURN, LEFT_HAND, RIGHT_HAND = 21, 30, 39
# How the standing body is bent: sideways (m), hips tilted (slope), upper body forward (m), lowered (m).
SWAY, TILT, LEAN, DROP = 48, 49, 50, 51
# The whole person turned about y: sine and cosine; direction to the key light, seen by the person.
TURN_SIN, TURN_COS, KEY = 52, 53, 54
# Half the width of a stool under the person (m; 0: none).
STOOL = 57
FIGURE = 58
BALD, SHORT_HAIR, LONG_HAIR, BUN, CURLS, SIDE_PART, BOB, PONYTAIL, CROP = 0, 1, 2, 3, 4, 5, 6, 7, 8
SNEAKER, LOAFER, BOOT = 0, 1, 2

# Rows of layers and tables: the body and the two garments; two rows further, their uncut inner copies.
BODY, LOWER, UPPER, LOWER_INSIDE, UPPER_INSIDE = 0, 1, 2, 3, 4
# What is shown [4]: 0 or 1 for body, lower garment, upper garment, shoes (index SHOES).
SHOES = 3

# What may be the nearest surface near a point, as bits: the six materials in the order they are measured below,
# and of every layer its torso, its arms and its legs.
NEAR_SKIN, NEAR_SHOE, NEAR_LOWER, NEAR_UPPER, NEAR_HAIR, NEAR_PROP = 1, 2, 4, 8, 16, 32
NEAR_TORSO, NEAR_ARMS, NEAR_LEGS = 64, 128, 256
PARTS, EVERY_PART = 9, 511

# Thickness of the cloth of a hollow garment, in metres: thick enough that rays cannot step through it.
CLOTH = 0.006

# Materials, what a ray hit. 0 is nothing.
NOTHING, SKIN, HAIR, LOWER_CLOTH, UPPER_CLOTH, SHOE, PROP = 0, 1, 2, 3, 4, 5, 6

# Rows of the palette [6, 3, 3] (linear RGB): skin, lower garment, upper garment, hair, shoes, eyes.
SKIN_COLOUR, LOWER_COLOUR, UPPER_COLOUR, HAIR_COLOUR, SHOE_COLOUR, EYE_COLOUR = 0, 1, 2, 3, 4, 5

# Patterns of garments; the first entry of a texture vector [6], followed by the pattern's own numbers.
PLAIN, STRIPES, BLOCK, DOTS, DENIM, PRINT, PLAID, FLORAL = 0, 1, 2, 3, 4, 5, 6, 7
PINSTRIPES, GINGHAM, HEATHER = 8, 9, 10
