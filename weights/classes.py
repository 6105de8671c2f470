"""What the networks trained here classify: CIFAR-10's classes, pictures of 32x32."""

LABELS = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
SIZE = 32
