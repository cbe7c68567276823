"""Files as people send them, made by hand."""

import io
import zipfile

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/drawingml/2006/main"
OPEN = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def packed(**parts: str) -> bytes:
    """An archive of these parts; `__` in a name stands for a folder, and each ends in .xml."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return written.getvalue()


def docx(*paragraphs: str) -> bytes:
    """A Word file; `|` cuts a paragraph into runs, as Word does where it likes."""
    runs = [
        "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in words.split("|")) + "</w:p>"
        for words in paragraphs
    ]
    body = f'<w:document xmlns:w="{WORD}"><w:body>{"".join(runs)}</w:body></w:document>'
    return packed(word__document=body, word__styles=f'<w:styles xmlns:w="{WORD}"><w:t>書式</w:t></w:styles>')


def xlsx() -> bytes:
    """An Excel file: a word that is kept apart with its reading, a number, and a word in its place."""
    return packed(
        xl__workbook=f'<workbook xmlns="{SHEET}"><sheets><sheet name="請求一覧"/></sheets></workbook>',
        xl__sharedStrings=f'<sst xmlns="{SHEET}"><si><t>返品伝票</t><rPh><t>ヘンピン</t></rPh></si></sst>',
        xl__worksheets__sheet1=f'<worksheet xmlns="{SHEET}"><sheetData><row><c t="s"><v>0</v></c><c><v>48200</v></c>'
        '<c t="inlineStr"><is><t>直送</t></is></c></row></sheetData></worksheet>',
    )


def pptx() -> bytes:
    """A PowerPoint file of one slide."""
    runs = "<a:r><a:t>新商品の</a:t></a:r><a:r><a:t>ご案内</a:t></a:r>"
    paragraphs = f'<p:sld xmlns:p="p" xmlns:a="{SLIDE}"><a:p>{runs}</a:p></p:sld>'
    return packed(ppt__slides__slide1=paragraphs)


def odt() -> bytes:
    """A text of LibreOffice."""
    words = "<text:h>見出し</text:h><text:p>本文の<text:span>続き</text:span></text:p>"
    body = f'<o:document-content xmlns:o="o" xmlns:text="{OPEN}">{words}</o:document-content>'
    return packed(content=body)


def pdf(text: str) -> bytes:
    """A PDF of one page with these words, in a font that says which glyph is which character."""
    glyphs = {character: number for number, character in enumerate(dict.fromkeys(text), start=1)}
    pairs = "\n".join(f"<{n:04x}> <{ord(c):04x}>" for c, n in glyphs.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(glyphs)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    )
    shown = f"BT /F1 12 Tf 72 720 Td <{''.join(f'{glyphs[c]:04x}' for c in text)}> Tj ET"
    return _document(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        _stream(shown),
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [6 0 R]"
        " /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(cmap),
    )


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _document(*objects: str) -> bytes:
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return written + f"{end}startxref\n{len(written)}\n%%EOF\n".encode()
