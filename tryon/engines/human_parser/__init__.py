"""Body parser with DWPose and SCHP, by onnxruntime: labels and keypoints of one person."""
