"""The expression photo's face laid onto the pose photo's: mesh, flows, visibility, fields."""
