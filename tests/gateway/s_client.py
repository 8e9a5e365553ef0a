"""`openssl s_client`: a client of OpenSSL's own, which offers what it is told to and tells what it got."""

import asyncio


async def s_client(port: int, *options: str, say: bytes = b"") -> bytes:
    """What it says about the server on that port; `say` is typed in once the server has greeted."""
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(20):
        if say:
            said = await process.stdout.readuntil(b"* OK")
            process.stdin.write(say)
            await process.stdin.drain()
        else:
            process.stdin.close()
        said += await process.stdout.read()
        process.stdin.close()
        await process.wait()
    return said
