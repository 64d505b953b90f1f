import { multipartFile } from './multipart';

const TYPE = 'multipart/form-data; boundary=XX';
const body = (head: string) => Buffer.from(`--XX\r\n${head}\r\n\r\nbytes\r\n--XX--\r\n`);

describe('multipartFile', () => {
  it.each([
    ['form-data; name="media"; filename="a.png"'],
    ['form-data; filename="a.png"; name="media"'],
  ])('finds the file in %s', (disposition) => {
    const file = multipartFile(body(`Content-Disposition: ${disposition}`), TYPE, 'media');

    expect(file).toEqual({ filename: 'a.png', content: Buffer.from('bytes') });
  });

  it('finds nothing in another part or another body', () => {
    expect(
      multipartFile(body('Content-Disposition: form-data; name="x"'), TYPE, 'media'),
    ).toBeUndefined();
    expect(multipartFile(Buffer.from('x'), 'application/json', 'media')).toBeUndefined();
  });
});
