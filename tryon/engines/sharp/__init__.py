"""SHARP: a finished look as 3D Gaussians that Apple's network predicts from the one picture."""
